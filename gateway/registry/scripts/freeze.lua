-- Lets nothing be added to the table of an hour any more, and returns it. KEYS 4 table
local refused = refusal()
if refused then return refused end
if redis.call('EXISTS', KEYS[4]) == 1 then redis.call('HSET', KEYS[4], 'closed', 1) end
return {'ok', redis.call('HGETALL', KEYS[4])}
