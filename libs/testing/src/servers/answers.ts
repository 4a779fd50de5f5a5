import { connect } from 'node:net';

/** True when what listens on the port answers the question (none: when it accepts); false for anything else, within a second. */
export function answers(port: number, question?: string, expected: RegExp = /^/): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const settle = (good: boolean): void => {
      socket.destroy();
      resolve(good);
    };
    socket.setTimeout(1_000, () => settle(false));
    socket.once('error', () => settle(false));
    socket.once('connect', () => (question === undefined ? settle(true) : socket.write(question)));
    socket.once('data', (bytes) => settle(expected.test(bytes.toString('latin1'))));
    socket.once('end', () => settle(false));
  });
}
