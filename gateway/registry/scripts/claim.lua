-- Whether a piece of work falls to somebody: to who asks first, and again to the same.
-- KEYS 1 claim; ARGV 1 who asks, 2 milliseconds
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return {0} end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return {1}
