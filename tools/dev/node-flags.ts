/** How Node runs a server of ours, here and in a bench. */
export const NODE_FLAGS: readonly string[] = [
  '--enable-source-maps',
  // MiB. With V8's own size a storm of connects leaves most of its garbage behind as memory: 12 to 14 KB for each idle session instead of
  // 6 to 7; a broadcast costs the same. Cannot be set once the process runs.
  '--max-semi-space-size=8',
];
