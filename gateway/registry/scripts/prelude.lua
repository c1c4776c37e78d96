-- Shared by every script that changes something. All of them begin with the same arguments:
-- KEYS 1 meta, 2 revision, 3 ledger; ARGV 1 epoch and, where something sealed is written, the id of
-- the data key that sealed it, 2 the highest revision that the caller knows.
local EPOCH, SEALED_BY = string.match(ARGV[1], '^(%S+) ?(%x*)$')

-- The id of the data key that sealed a value.
local function sealed_by(value)
  return (string.gsub(string.sub(value, 2, 5), '.', function(byte)
    return string.format('%02x', string.byte(byte))
  end))
end

-- Why this ledger must not be written to, or nil: it is another one, or older than the caller, or
-- the data key was rotated since the caller sealed what is to be written.
local function refusal()
  if redis.call('HGET', KEYS[1], 'epoch') ~= EPOCH then return {'epoch'} end
  if tonumber(redis.call('GET', KEYS[2]) or '0') < tonumber(ARGV[2]) then return {'behind'} end
  if SEALED_BY ~= '' and SEALED_BY ~= sealed_by(redis.call('HGET', KEYS[1], 'proof')) then
    return {'rekeyed'}
  end
  return nil
end

local function now()
  local time = redis.call('TIME')
  return time[1] .. string.format('%06d', tonumber(time[2]))
end
