-- Completes requests in progress that every registered gateway enforces, 500 at a time so that
-- no call holds Redis up; returns 1 when there may be more.
local function settle(gateways, open, in_progress, completed, request)
  local lowest = nil
  for _, revision in ipairs(redis.call('HVALS', gateways)) do
    revision = tonumber(revision)
    if lowest == nil or revision < lowest then lowest = revision end
  end
  if lowest == nil then return 0 end
  local ids = redis.call(
    'ZRANGEBYSCORE', open, '-inf', string.format('%d', lowest), 'LIMIT', 0, 500)
  local time = now()
  for _, id in ipairs(ids) do
    redis.call('HSET', request .. id, 'status', 'completed', 'completed_time', time)
    redis.call('ZADD', completed, redis.call('ZSCORE', in_progress, id), id)
    redis.call('ZREM', in_progress, id)
    redis.call('ZREM', open, id)
  end
  return #ids == 500 and 1 or 0
end
