-- Keeps the steering vectors of a request, if nobody has changed it since it was read.
-- KEYS 4 request, 5 open; ARGV 3 id, 4 the revision of the record as it was read, 5 sealed vectors
local refused = refusal()
if refused then return {refused} end
local read = redis.call('HGET', KEYS[4], 'revision')
if not read then return {'absent'} end
if read ~= ARGV[4] then return {'conflict'} end
local revision = append('steered', ARGV[3])
redis.call('HSET', KEYS[4], 'steering', ARGV[5], 'revision', revision)
redis.call('ZADD', KEYS[5], 'XX', revision, ARGV[3])
return {'ok', redis.call('GET', KEYS[2]), redis.call('HGETALL', KEYS[4])}
