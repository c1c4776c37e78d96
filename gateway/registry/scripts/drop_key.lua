-- KEYS 4 API keys; ARGV 3 id
local refused = refusal()
if refused then return {refused} end
if redis.call('HEXISTS', KEYS[4], ARGV[3]) == 0 then return {'absent'} end
local revision = append('key', ARGV[3])
redis.call('HDEL', KEYS[4], ARGV[3])
return {'ok', revision}
