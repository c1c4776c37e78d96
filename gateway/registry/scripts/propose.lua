-- Keeps a filing that waits for approval: one for each subject, and only so many of them.
-- KEYS 4 request, 5 index, 6 index of pending, 7 submissions, 8 start of request keys
-- ARGV 3 id, 4 version, 5 keyed hash of the subject, 6 how many may wait, 7 received_time,
-- 8 expected_completion_time, 9 sealed filing, 10 sealed rule
local refused = refusal()
if refused then return {refused} end
local known = redis.call('HGET', KEYS[7], ARGV[5])
if known then
  local status = redis.call('HGET', KEYS[8] .. known, 'status')
  if status == 'pending' or status == 'in_progress' or status == 'completed' then
    return {'known', known, redis.call('HGETALL', KEYS[8] .. known)}
  end
end
if redis.call('EXISTS', KEYS[4]) == 1 then return {'taken'} end
if redis.call('ZCARD', KEYS[6]) >= tonumber(ARGV[6]) then return {'full'} end
local revision = append('filed', ARGV[3])
redis.call('HSET', KEYS[4], 'version', ARGV[4], 'revision', revision, 'status', 'pending',
  'received_time', ARGV[7], 'expected_completion_time', ARGV[8],
  'filing', ARGV[9], 'rule', ARGV[10])
for key = 5, 6 do redis.call('ZADD', KEYS[key], revision, ARGV[3]) end
redis.call('HSET', KEYS[7], ARGV[5], ARGV[3])
return {'ok', revision}
