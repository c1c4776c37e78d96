-- The requests that every registered gateway enforces and that nobody has called completed yet,
-- 500 at most so that no call holds Redis up.
local function settled(gateways, open)
  local lowest = nil
  for _, revision in ipairs(redis.call('HVALS', gateways)) do
    revision = tonumber(revision)
    if lowest == nil or revision < lowest then lowest = revision end
  end
  if lowest == nil then return {} end
  return redis.call('ZRANGEBYSCORE', open, '-inf', string.format('%d', lowest), 'LIMIT', 0, 500)
end
