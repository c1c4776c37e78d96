-- KEYS 7 API keys; ARGV 10 id
local refused = refusal()
if refused then return refused end
if redis.call('HEXISTS', KEYS[7], ARGV[10]) == 0 then return {'absent'} end
local stale = moved()
if stale then return stale end
local revision = tell('key_revoked', ARGV[10])
redis.call('HDEL', KEYS[7], ARGV[10])
return {'ok', revision}
