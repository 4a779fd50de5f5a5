/** The fakes behind the realtime core: what stands behind the edge is the same for every door. */
// allowed: import over the fence: one world for the tests of all doors, which no product code may import
export { Behind, openWorld, rootOf } from '../../realtime/tests/world/world.ts';
// allowed: import over the fence: one world for the tests of all doors, which no product code may import
export { FakeBus } from '../../realtime/tests/world/fake-bus.ts';
// allowed: import over the fence: one world for the tests of all doors, which no product code may import
export { FakeLog } from '../../realtime/tests/world/fake-log.ts';
// allowed: import over the fence: one world for the tests of all doors, which no product code may import
export { SECRET, tokenOf } from '../../realtime/tests/world/tokens.ts';
