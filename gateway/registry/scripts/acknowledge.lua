-- KEYS 4 gateways, 5 when they were seen, 6 open, 7 the data keys that they have
-- ARGV 3 gateway, 4 the revision that it enforces, 5 the ids of its data keys
local refused = refusal()
if refused then return refused end
redis.call('HSET', KEYS[4], ARGV[3], ARGV[4])
redis.call('HSET', KEYS[5], ARGV[3], now())
redis.call('HSET', KEYS[7], ARGV[3], ARGV[5])
return {'ok', settled(KEYS[4], KEYS[6])}
