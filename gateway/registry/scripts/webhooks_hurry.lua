-- Makes due at once whatever waits for a target. KEYS 4 targets, 5 lanes by due; ARGV 3 target
local refused = refusal()
if refused then return refused end
redis.call('ZUNIONSTORE', KEYS[5], 1, KEYS[5], 'WEIGHTS', 0)
remind(KEYS[4], KEYS[5], ARGV[3])
return {'ok'}
