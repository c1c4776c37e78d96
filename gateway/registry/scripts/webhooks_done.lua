-- Ends a delivery, delivered or given up; the next of its lane is due at once.
-- KEYS 7 targets, 8 lanes by due, 9 lane, 10 deliveries of the request, 11 how many wait
-- ARGV 10 target, 11 lane, 12 id, 13 sealed delivery, 14 request
local refused = refusal()
if refused then return refused end
if redis.call('LINDEX', KEYS[9], 0) ~= ARGV[12] then return {'gone'} end
local stale = moved()
if stale then return stale end
tell('', '', ARGV[14])
redis.call('HSET', KEYS[10], ARGV[12], ARGV[13])
redis.call('LPOP', KEYS[9])
redis.call('DECR', KEYS[11])
if redis.call('EXISTS', KEYS[9]) == 1 then redis.call('ZADD', KEYS[8], now(), ARGV[11])
else redis.call('ZREM', KEYS[8], ARGV[11]) end
remind(KEYS[7], KEYS[8], ARGV[10])
return {'ok'}
