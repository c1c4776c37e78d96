-- The targets for which something is due, and how much waits.
-- KEYS 4 targets, 5 how many wait; ARGV 3 microseconds by which nothing is ever put off: what is due
-- later than that was put off before the clock was set back
local refused = refusal()
if refused then return refused end
local due = redis.call('ZRANGEBYSCORE', KEYS[4], '-inf', now(), 'LIMIT', 0, 1000)
local late = redis.call('ZRANGEBYSCORE', KEYS[4], later(ARGV[3]), '+inf', 'LIMIT', 0, 1000)
for _, target in ipairs(late) do table.insert(due, target) end
return {'ok', redis.call('GET', KEYS[5]) or '0', due}
