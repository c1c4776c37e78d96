-- Shared by scripts on deliveries that wait. What one target is to be told of one request stands in
-- a lane, in its order. A target's lanes are sorted by when their first delivery is due, and
-- targets by when their first lane is.
local function later(microseconds)
  return string.format('%.0f', tonumber(now()) + tonumber(microseconds))
end

local function remind(targets, due, target)
  local first = redis.call('ZRANGE', due, 0, 0, 'WITHSCORES')
  if first[1] then redis.call('ZADD', targets, first[2], target)
  else redis.call('ZREM', targets, target) end
end
