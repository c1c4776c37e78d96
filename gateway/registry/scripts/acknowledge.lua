-- KEYS 4 gateways, 5 when they were seen, 6 open; ARGV 3 gateway, 4 the revision that it enforces
local refused = refusal()
if refused then return refused end
redis.call('HSET', KEYS[4], ARGV[3], ARGV[4])
redis.call('HSET', KEYS[5], ARGV[3], now())
return {'ok', settled(KEYS[4], KEYS[6])}
