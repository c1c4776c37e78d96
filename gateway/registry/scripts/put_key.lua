-- KEYS 7 API keys; ARGV 10 id, 11 sealed key
local refused = refusal()
if refused then return refused end
if redis.call('HEXISTS', KEYS[7], ARGV[10]) == 1 then return {'taken'} end
local stale = moved()
if stale then return stale end
local revision = tell('key_created', ARGV[10])
redis.call('HSET', KEYS[7], ARGV[10], ARGV[11])
return {'ok', revision}
