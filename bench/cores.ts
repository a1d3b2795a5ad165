// Who runs where: the server under measurement and the load each have a core, so that neither takes
// time from the other. Two cores are needed.

export const SERVER_CORE = 0;
export const LOAD_CORE = 1;
