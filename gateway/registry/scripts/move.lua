-- An approved request is filed from here on: open until all gateways acknowledged its revision.
-- KEYS 4 request, 5 open, 6 start of the index of a status
-- ARGV 3 id, 4 the new status, 5 and on: the statuses from which it may be reached
local refused = refusal()
if refused then return {refused} end
local status = redis.call('HGET', KEYS[4], 'status')
if not status then return {'absent'} end
if status ~= ARGV[4] then
  local allowed = false
  for from = 5, #ARGV do allowed = allowed or ARGV[from] == status end
  if not allowed then return {'conflict', status} end
  local revision = append(ARGV[4], ARGV[3])
  redis.call('HSET', KEYS[4], 'status', ARGV[4], 'revision', revision)
  redis.call('ZADD', KEYS[6] .. ARGV[4], redis.call('ZSCORE', KEYS[6] .. status, ARGV[3]), ARGV[3])
  redis.call('ZREM', KEYS[6] .. status, ARGV[3])
  redis.call('ZREM', KEYS[5], ARGV[3])
  if ARGV[4] == 'in_progress' then redis.call('ZADD', KEYS[5], revision, ARGV[3]) end
end
return {'ok', redis.call('GET', KEYS[2]), redis.call('HGETALL', KEYS[4])}
