-- Puts off a delivery that did not arrive.
-- KEYS 4 targets, 5 lanes by due, 6 lane, 7 deliveries of the request
-- ARGV 3 target, 4 lane, 5 id, 6 sealed delivery, 7 microseconds to put it off
local refused = refusal()
if refused then return refused end
if redis.call('LINDEX', KEYS[6], 0) ~= ARGV[5] then return {'gone'} end
redis.call('HSET', KEYS[7], ARGV[5], ARGV[6])
redis.call('ZADD', KEYS[5], later(ARGV[7]), ARGV[4])
remind(KEYS[4], KEYS[5], ARGV[3])
return {'ok'}
