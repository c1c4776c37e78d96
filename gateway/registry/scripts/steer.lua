-- Keeps the steering vectors of a request, if nobody has changed it since it was read.
-- KEYS 7 request, 8 open; ARGV 10 id, 11 the revision of the record as it was read,
-- 12 sealed vectors
local refused = refusal()
if refused then return refused end
local read = redis.call('HGET', KEYS[7], 'revision')
if not read then return {'absent'} end
if read ~= ARGV[11] then return {'conflict'} end
local stale = moved()
if stale then return stale end
local revision = tell('steered', ARGV[10], ARGV[10])
redis.call('HSET', KEYS[7], 'steering', ARGV[12], 'revision', revision)
redis.call('ZADD', KEYS[8], 'XX', revision, ARGV[10])
return {'ok', revision, redis.call('HGETALL', KEYS[7])}
