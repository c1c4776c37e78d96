-- Adds counts to the table of the present hour; nothing where the sender has sent them before.
-- KEYS 4 start of the tables, 5 all hours, 6 those that are not closed, 7 what came last of the sender
-- ARGV 3 place in the order of what the sender sent, 4 seconds for which a table is kept, 5 and on:
-- a field and how many, in turn
local refused = refusal()
if refused then return refused end
if (redis.call('GET', KEYS[7]) or '') >= ARGV[3] then return {'ok'} end
local seconds = tonumber(redis.call('TIME')[1])
local hour = seconds - seconds % 3600
local function named() return KEYS[4] .. string.format('%d', hour) end
-- A clock that went back must not change what the audit has been told of.
while redis.call('HEXISTS', named(), 'closed') == 1 do hour = hour + 3600 end
for i = 5, #ARGV, 2 do redis.call('HINCRBY', named(), ARGV[i], ARGV[i + 1]) end
redis.call('EXPIREAT', named(), string.format('%d', hour + ARGV[4]))
for _, hours in ipairs({KEYS[5], KEYS[6]}) do
  redis.call('ZADD', hours, hour, string.format('%d', hour))
  redis.call('ZREMRANGEBYSCORE', hours, '-inf', string.format('(%d', seconds - ARGV[4]))
end
redis.call('SET', KEYS[7], ARGV[3], 'EX', 86400)
return {'ok'}
