-- KEYS 4 gateways, 5 when they were seen, 6 open, 7 index of in_progress, 8 index of completed,
-- 9 start of request keys; ARGV 3 gateway, 4 the revision that it enforces
local refused = refusal()
if refused then return {refused} end
redis.call('HSET', KEYS[4], ARGV[3], ARGV[4])
redis.call('HSET', KEYS[5], ARGV[3], now())
return {'ok', settle(KEYS[4], KEYS[6], KEYS[7], KEYS[8], KEYS[9])}
