import { REDIS_CLOCK, Script } from '../script.ts';

/**
 * Takes for many keys at once. KEYS: a list of the last passes for each; ARGV: limit and window (µs) for each.
 * Answers 0 for a pass, else the microseconds until the next one. Only the pass that is `limit` passes old is looked at: while it is
 * inside the window nothing passes, so in no window there are more than `limit`, whatever the limit was before.
 * A list from the future is dropped: the server's clock was set back, and the limit must not hold for as long as it was.
 */
export const takeLua = (clock = REDIS_CLOCK): string => `
local now = ${clock}
local waits = {}
for i, key in ipairs(KEYS) do
  local limit, window = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local oldest = redis.call('LINDEX', key, -limit)
  if oldest and tonumber(oldest) > now then
    redis.call('DEL', key)
    oldest = false
  end
  local age = oldest and now - oldest
  if age and age < window then
    waits[i] = window - age
  else
    redis.call('RPUSH', key, string.format('%.0f', now))
    redis.call('LTRIM', key, -limit, -1)
    redis.call('PEXPIRE', key, math.ceil(window / 1000) + 1000)
    waits[i] = 0
  end
end
return waits`;

export const TAKE = new Script<readonly number[]>(takeLua());
