-- KEYS 4 request, 5 index, 6 index of in_progress, 7 open, 8 submissions, 9 start of request keys
-- ARGV 3 id, 4 version, 5 keyed hash of subject_request_id or '', 6 keyed hash of the content,
-- 7 received_time, 8 expected_completion_time, 9 sealed filing, 10 sealed rule
local refused = refusal()
if refused then return {refused} end
if ARGV[5] ~= '' then
  local known = redis.call('HGET', KEYS[8], ARGV[5])
  if known then
    local content, id = string.match(known, '^(%x+) (.+)$')
    if content ~= ARGV[6] then return {'conflict'} end
    return {'known', id, redis.call('HGETALL', KEYS[9] .. id)}
  end
end
if redis.call('EXISTS', KEYS[4]) == 1 then return {'taken'} end
local revision = append('filed', ARGV[3])
redis.call('HSET', KEYS[4], 'version', ARGV[4], 'revision', revision, 'status', 'in_progress',
  'received_time', ARGV[7], 'expected_completion_time', ARGV[8],
  'filing', ARGV[9], 'rule', ARGV[10])
for key = 5, 7 do redis.call('ZADD', KEYS[key], revision, ARGV[3]) end
if ARGV[5] ~= '' then redis.call('HSET', KEYS[8], ARGV[5], ARGV[6] .. ' ' .. ARGV[3]) end
return {'ok', revision}
