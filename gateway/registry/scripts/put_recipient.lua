-- Keeps a recipient of webhooks, if it is as it was read.
-- KEYS 7 recipients; ARGV 10 id, 11 sealed recipient, 12 the same as it was read, '' for a new one,
-- 13 how many there may be
local refused = refusal()
if refused then return refused end
if (redis.call('HGET', KEYS[7], ARGV[10]) or '') ~= ARGV[12] then return {'conflict'} end
if ARGV[12] == '' and redis.call('HLEN', KEYS[7]) >= tonumber(ARGV[13]) then return {'full'} end
local stale = moved()
if stale then return stale end
tell('', '', ARGV[10])
redis.call('HSET', KEYS[7], ARGV[10], ARGV[11])
return {'ok'}
