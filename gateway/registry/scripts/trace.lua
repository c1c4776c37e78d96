-- Keeps a trace until it expires; the oldest go where there are too many.
-- KEYS 4 start of traces, 5 all of them by time
-- ARGV 3 id, 4 sealed trace, 5 seconds for which it is kept, 6 how many are kept
local refused = refusal()
if refused then return refused end
redis.call('SET', KEYS[4] .. ARGV[3], ARGV[4], 'EX', ARGV[5])
redis.call('ZADD', KEYS[5], now(), ARGV[3])
local seconds = tonumber(redis.call('TIME')[1])
redis.call('ZREMRANGEBYSCORE', KEYS[5], '-inf', string.format('%d000000', seconds - ARGV[5]))
local many = redis.call('ZCARD', KEYS[5]) - tonumber(ARGV[6])
if many > 0 then
  for _, id in ipairs(redis.call('ZRANGE', KEYS[5], 0, many - 1)) do
    redis.call('DEL', KEYS[4] .. id)
    redis.call('ZREM', KEYS[5], id)
  end
end
return {'ok'}
