-- KEYS as in acknowledge; ARGV 3 gateway
local refused = refusal()
if refused then return refused end
redis.call('HDEL', KEYS[4], ARGV[3])
redis.call('HDEL', KEYS[5], ARGV[3])
redis.call('HDEL', KEYS[7], ARGV[3])
return {'ok', settled(KEYS[4], KEYS[6])}
