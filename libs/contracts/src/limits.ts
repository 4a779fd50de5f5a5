/** Bounds that clients and every door share. */

/** Bytes of one client message on any door, after decoding, envelope included. */
export const MAX_MESSAGE_BYTES = 65_536;
/** Levels of arrays and objects in client JSON. */
export const MAX_JSON_DEPTH = 32;
/** Channels one session may be subscribed to. */
export const MAX_SUBSCRIPTIONS = 128;
/** Events of one recovery or history page. */
export const MAX_PAGE_EVENTS = 300;
/** Bytes of event data in one recovery or history page. */
export const MAX_PAGE_BYTES = 262_144;
/** Characters of a command id. */
export const MAX_COMMAND_ID = 64;
