/**
 * Presence in Redis, one key set under a prefix (KEYS[1]):
 *   nodes                      processes → until when their last beat counts, ms by the clock of Redis
 *   dying                      processes whose entries are being removed
 *   of:<node>                  entries of a process: space, channel and member, by line feeds
 *   m:<space>:<channel>        member → ClientInfo
 *   g:<space>:<channel>        user → how many members of theirs
 *   healing                    Redis was empty a moment ago: nobody knows yet who is elsewhere
 *   reaped:<node>              the process was taken for dead, and others were told so
 * The keys are made in the scripts, so all of it must be on one server: a Redis Cluster would not do.
 */
import { Script } from '@veche/platform-redis';

const NOW = "local t = redis.call('TIME') local now = t[1] * 1000 + math.floor(t[2] / 1000)";

/** Answers 1 when the user's last member on the channel is gone. */
const DROP = `
local function drop(space, channel, member)
  local m, g = KEYS[1] .. 'm:' .. space .. ':' .. channel, KEYS[1] .. 'g:' .. space .. ':' .. channel
  local info = redis.call('HGET', m, member)
  if not info then return 0, info end
  redis.call('HDEL', m, member)
  local user = cjson.decode(info).user
  if redis.call('HINCRBY', g, user, -1) > 0 then return 0, info end
  redis.call('HDEL', g, user)
  return 1, info
end`;

/**
 * Changes of one process, 5 arguments each: + or -, space, channel, member, ClientInfo. Answers for each 1 when it was the first or
 * last member of its user, else 0; 2 instead of a leave while that cannot be known; -1 for all when the process is not known (any more).
 */
export const APPLY = new Script<readonly number[] | -1>(`${DROP}
local node = ARGV[1]
if not redis.call('ZSCORE', KEYS[1] .. 'nodes', node) then return -1 end
local healing = redis.call('EXISTS', KEYS[1] .. 'healing') == 1
local changes = {}
for i = 2, #ARGV, 5 do
  local space, channel, member, info = ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4]
  local entry = space .. '\\n' .. channel .. '\\n' .. member
  local change = 0
  if ARGV[i] == '+' then
    if redis.call('HSET', KEYS[1] .. 'm:' .. space .. ':' .. channel, member, info) == 1 then
      redis.call('SADD', KEYS[1] .. 'of:' .. node, entry)
      change = redis.call('HINCRBY', KEYS[1] .. 'g:' .. space .. ':' .. channel, cjson.decode(info).user, 1) == 1 and 1 or 0
    end
  elseif healing and space == 'users' then
    change = 2
  else
    redis.call('SREM', KEYS[1] .. 'of:' .. node, entry)
    change = drop(space, channel, member)
  end
  changes[#changes + 1] = change
end
return changes`);

/**
 * A process is alive: ARGV node, ms that the beat counts, ms of healing, 1 to become known. Answers whether it is known,
 * whether it was taken for dead, then the processes to be removed.
 */
export const BEAT = new Script<readonly [known: number, reaped: number, ...dead: string[]]>(`${NOW}
local nodes, node = KEYS[1] .. 'nodes', ARGV[1]
local known = redis.call('ZSCORE', nodes, node) and 1 or 0
if known == 0 and ARGV[4] == '1' and redis.call('ZCARD', nodes) == 0 then
  redis.call('SET', KEYS[1] .. 'healing', '', 'PX', ARGV[3])
end
if known == 1 or ARGV[4] == '1' then redis.call('ZADD', nodes, now + ARGV[2], node) end
local answer = { known, redis.call('EXISTS', KEYS[1] .. 'reaped:' .. node) }
for _, dead in ipairs(redis.call('SMEMBERS', KEYS[1] .. 'dying')) do answer[#answer + 1] = dead end
for _, dead in ipairs(redis.call('ZRANGEBYSCORE', nodes, '-inf', now)) do answer[#answer + 1] = dead end
return answer`);

/**
 * Removes entries of a dead process: ARGV node, how many at most. Answers how many are left, then channel and ClientInfo of each
 * user who has gone with it. Whoever begins makes it unknown first: if it lives after all, it comes back under another name.
 */
export const REAP = new Script<readonly [left: number, ...gone: string[]]>(`${NOW}${DROP}
local node, of = ARGV[1], KEYS[1] .. 'of:' .. ARGV[1]
local deadline = redis.call('ZSCORE', KEYS[1] .. 'nodes', node)
if deadline then
  if tonumber(deadline) > now then return { 0 } end
  redis.call('ZREM', KEYS[1] .. 'nodes', node)
  redis.call('SADD', KEYS[1] .. 'dying', node)
  redis.call('SET', KEYS[1] .. 'reaped:' .. node, '', 'PX', 3600000)
end
local answer = { 0 }
for _, entry in ipairs(redis.call('SPOP', of, ARGV[2])) do
  local space, channel, member = string.match(entry, '^(.-)\\n(.-)\\n(.*)$')
  local last, info = drop(space, channel, member)
  if last == 1 and space == 'users' then
    answer[#answer + 1] = channel
    answer[#answer + 1] = info
  end
end
answer[1] = redis.call('SCARD', of)
if answer[1] == 0 then redis.call('SREM', KEYS[1] .. 'dying', node) end
return answer`);
