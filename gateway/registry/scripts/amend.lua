-- Moves a request on, gives it another due date or another version, if it is as it was read.
-- KEYS 7 request, 8 index, 9 due dates, 10 open, 11 versions, 12 requests about its subject,
-- 13 those about the subject of the new version
-- ARGV 10 id, 11 revision and 12 status as read, 13 kind of change, 14 status,
-- 15 '1' where every gateway has to acknowledge it, 16 version, 17 expected_completion_time,
-- 18 sealed case, 19 sealed filing and 20 sealed rule of a new version, or ''
local refused = refusal()
if refused then return refused end
local found = redis.call('HMGET', KEYS[7], 'revision', 'status', 'version', 'filing', 'regulation')
if not found[1] then return {'absent'} end
if found[1] ~= ARGV[11] or found[2] ~= ARGV[12] then return {'conflict'} end
local stale = moved()
if stale then return stale end
local id, status, regulation = ARGV[10], ARGV[14], found[5]
tell(ARGV[13], id, id)
if ARGV[9] ~= '' then redis.call('HSET', KEYS[7], 'revision', ARGV[8]) end
redis.call('HSET', KEYS[7], 'status', status, 'version', ARGV[16],
  'expected_completion_time', ARGV[17], 'case', ARGV[18])
if ARGV[19] ~= '' then
  redis.call('HSET', KEYS[11], found[3], found[4])
  redis.call('HSET', KEYS[7], 'filing', ARGV[19], 'rule', ARGV[20])
  redis.call('HDEL', KEYS[7], 'steering')
  redis.call('SREM', KEYS[12], id)
  redis.call('SADD', KEYS[13], id)
end
replace(KEYS[8], KEYS[9], id, found[2], status, regulation, ARGV[17])
if status == 'in_progress' or status == 'approved' then
  redis.call('HDEL', KEYS[7], 'completed_time')
end
if ARGV[15] ~= '1' then redis.call('ZREM', KEYS[10], id)
else redis.call('ZADD', KEYS[10], redis.call('HGET', KEYS[7], 'revision'), id) end
return {'ok', redis.call('GET', KEYS[2]), redis.call('HGETALL', KEYS[7])}
