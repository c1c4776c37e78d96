-- Shared by every script that changes something. All of them begin with the same arguments:
-- KEYS 1 meta, 2 revision, 3 ledger; ARGV 1 epoch, 2 the highest revision that the caller knows.

-- Why this ledger must not be written to, or nil: it is another one, or older than the caller.
local function refusal()
  if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[1] then return {'epoch'} end
  if tonumber(redis.call('GET', KEYS[2]) or '0') < tonumber(ARGV[2]) then return {'behind'} end
  return nil
end

local function now()
  local time = redis.call('TIME')
  return time[1] .. string.format('%06d', tonumber(time[2]))
end
