/** What can be done to a process of ours, whatever it is. */
export interface ServerControl {
  /** Unique within what was started together: `rabbitmq`, `chat-1`. */
  readonly name: string;
  /** Of the first process of the tree. @throws Error while it does not run */
  readonly pid: number;
  readonly running: boolean;
  /** The last 200,000 characters that it wrote, over all its lives. */
  readonly log: string;
  /** On the ports and data that it had; resolves when it is ready. @throws Error with its last words when it does not become ready */
  start(): Promise<void>;
  /** As an operator would: resolves with the exit code (null: by a signal) when every process of it is gone. Tolerates twice. */
  stop(): Promise<number | null>;
  /** SIGKILL to the whole tree; resolves when it is gone. Data and ports stay its own for `start`. */
  kill(): Promise<void>;
  /** SIGSTOP to the whole tree: connections stay open and nobody answers. */
  freeze(): void;
  /** SIGCONT; what was sent meanwhile is still there. */
  thaw(): void;
}
