/** For how many command queues an installation is, agreed on by all its processes: with different numbers two queues would hold one channel's commands. */
import { VecheError } from '@veche/contracts';
import type { ConfirmChannel } from 'amqplib';
import type { Topology } from '../rabbitmq/topology.ts';

/** @throws VecheError `conflict` when the broker's queues are for another number */
export async function agreeOnQueues(raw: ConfirmChannel, topology: Topology, queues: number): Promise<void> {
  const { name, options } = topology.queueCount(queues);
  try {
    await raw.assertQueue(name, options);
  } catch (error) {
    if ((error as { code?: number }).code !== 406) throw error;
    const inForce = /current is '?(\d+)/.exec((error as Error).message)?.[1] ?? 'another number';
    throw new VecheError(
      'conflict',
      `BUS_COMMAND_QUEUES is ${queues} here and ${inForce} on the broker: set it to that in every process, or stop all of them and run \`migrate queues\` with the new number`,
    );
  }
}
