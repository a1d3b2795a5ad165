// The public face of each room: its files that other rooms may import, without `.ts`. faces.test.ts holds it, and
// `npm run shape -- --faces` prints it as the tree has it. A longer face is a decision: the less others know of
// a room, the more of it can change.

/** By room of test/shape/rooms.ts. Once one room has a face, each needs one. */
export const FACES: Readonly<Record<string, readonly string[]>> = {};
