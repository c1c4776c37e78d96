-- Hands out the first deliveries of lanes that are due at a target, and puts those lanes off: who
-- takes them may end before they are done.
-- KEYS 4 targets, 5 lanes by due, 6 start of lanes, 7 start of deliveries
-- ARGV 3 target, 4 how many, 5 microseconds to put them off, 6 microseconds by which nothing is ever
-- put off: what is due later than that was put off before the clock was set back
local refused = refusal()
if refused then return refused end
local time, taken = now(), {}
for _, lane in ipairs(
  redis.call('ZRANGEBYSCORE', KEYS[5], later(ARGV[6]), '+inf', 'LIMIT', 0, 1000)
) do redis.call('ZADD', KEYS[5], time, lane) end
for _, lane in ipairs(
  redis.call('ZRANGEBYSCORE', KEYS[5], '-inf', time, 'LIMIT', 0, ARGV[4])
) do
  local id = redis.call('LINDEX', KEYS[6] .. lane, 0)
  local sealed = id and redis.call('HGET', KEYS[7] .. string.match(lane, '^[^:]+'), id)
  redis.call('ZADD', KEYS[5], later(ARGV[5]), lane)
  table.insert(taken, {id or '', sealed or ''})
end
remind(KEYS[4], KEYS[5], ARGV[3])
return {'ok', time, taken}
