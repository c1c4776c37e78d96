-- KEYS 4 API keys; ARGV 3 id, 4 sealed key
local refused = refusal()
if refused then return {refused} end
if redis.call('HEXISTS', KEYS[4], ARGV[3]) == 1 then return {'taken'} end
local revision = append('key', ARGV[3])
redis.call('HSET', KEYS[4], ARGV[3], ARGV[4])
return {'ok', revision}
