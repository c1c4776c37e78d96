-- Shared by every script that changes something. All of them begin with the same arguments:
-- KEYS 1 meta, 2 revision, 3 ledger; ARGV 1 epoch, 2 the highest revision that the caller knows.

-- Why this ledger must not be written to, or nil: it is another one, or older than the caller.
local function refusal()
  if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[1] then return 'epoch' end
  if tonumber(redis.call('GET', KEYS[2]) or '0') < tonumber(ARGV[2]) then return 'behind' end
  return nil
end

-- Appends one change and returns its revision. Must be the first write of a script: when it
-- fails (out of memory, disk full), nothing else has happened yet, and scripts do not roll back.
local function append(kind, id)
  local revision = string.format('%d', tonumber(redis.call('GET', KEYS[2]) or '0') + 1)
  redis.call('XADD', KEYS[3], revision .. '-0', 'kind', kind, 'id', id, 'epoch', ARGV[1])
  redis.call('SET', KEYS[2], revision)
  return revision
end

local function now()
  local time = redis.call('TIME')
  return time[1] .. string.format('%06d', tonumber(time[2]))
end
