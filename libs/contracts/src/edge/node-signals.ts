/**
 * Signals between the processes of the edge: never stored, never shown to a client. Readers ignore fields that they do not know, and a
 * kind only gains optional ones, so that old and new processes stand side by side.
 */
import { z } from 'zod';

/** Names that no client can reach: `*` is outside the grammar of channels. */
export const isInternalChannel = (channel: string): boolean => channel.charCodeAt(0) === 0x2a;

/** Heard by every process of the edge. */
export const NODES_CHANNEL = '*nodes';
/** Heard by one of them. @param node at most 128 ASCII characters */
export const nodeChannel = (node: string): string => `*node:${node}`;

/** On `NODES_CHANNEL`, every few seconds: this process is here. */
export const NODE_ALIVE = 'edge.node-alive.v1';
/** On `NODES_CHANNEL` to all, on a node's own channel to it. */
export const NODE_QUESTION = 'edge.node-question.v1';
/** On the channel of who asked. */
export const NODE_ANSWER = 'edge.node-answer.v1';

const Node = z.string().min(1).max(128);

export const NodeAlive = z.object({
  node: Node,
  /** It has just come, or has been cut off: whoever hears it says at once that they are here. */
  hello: z.boolean().optional(),
  /** Its last word. */
  leaving: z.boolean().optional(),
});
export type NodeAlive = z.infer<typeof NodeAlive>;

export const NodeQuestion = z.object({
  from: Node,
  /** Number of the call, rising with each one of this process. */
  call: z.int().min(1),
  /** From 1: what was lost is said again under the same number. */
  attempt: z.int().min(1),
  /** `<name>.v<n>` */
  question: z.string().max(64),
  body: z.unknown(),
});
export type NodeQuestion = z.infer<typeof NodeQuestion>;

/** `text`, over all parts in order, is the JSON of a `NodeOutcome`. */
export const NodeAnswer = z.object({
  from: Node,
  call: z.int().min(1),
  attempt: z.int().min(1),
  part: z.int().min(0),
  parts: z.int().min(1).max(4_096),
  text: z.string(),
});
export type NodeAnswer = z.infer<typeof NodeAnswer>;

/** What came of a question. An `error` that the asker does not know counts as `internal`. */
export const NodeOutcome = z.union([
  z.object({ answer: z.unknown() }).refine((outcome) => 'answer' in outcome),
  z.object({ error: z.string(), message: z.string(), retry_after_ms: z.number().optional() }),
]);
export type NodeOutcome = z.infer<typeof NodeOutcome>;
