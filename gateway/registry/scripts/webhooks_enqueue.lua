-- Lets deliveries wait that were made of some entries of the audit, and moves the cursor behind
-- them: nothing if somebody else has done so meanwhile.
-- KEYS 4 cursor, 5 targets, 6 start of lanes by due, 7 start of lanes, 8 start of deliveries,
-- 9 how many wait; ARGV 3 cursor as read, 4 the new one, and from 5 on for each delivery: request,
-- target, lane, id, sealed delivery
local refused = refusal()
if refused then return refused end
if (redis.call('GET', KEYS[4]) or '0') ~= ARGV[3] then return {'moved'} end
redis.call('SET', KEYS[4], ARGV[4])
local time = now()
for at = 5, #ARGV, 5 do
  local target, lane, id = ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
  redis.call('HSET', KEYS[8] .. ARGV[at], id, ARGV[at + 4])
  redis.call('RPUSH', KEYS[7] .. lane, id)
  redis.call('ZADD', KEYS[6] .. target, 'NX', time, lane)
  redis.call('ZADD', KEYS[5], 'LT', time, target)
  redis.call('INCR', KEYS[9])
end
return {'ok'}
