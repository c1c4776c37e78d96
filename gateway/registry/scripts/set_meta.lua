-- Sets meta data, if they are still proved by the value that the caller has read.
-- ARGV 10 the proof as read, 11 and on: names and values
local refused = refusal()
if refused then return refused end
if redis.call('HGET', KEYS[1], 'proof') ~= ARGV[10] then return {'conflict'} end
local stale = moved()
if stale then return stale end
local revision = tell('data_key', '')
redis.call('HSET', KEYS[1], unpack(ARGV, 11))
return {'ok', revision}
