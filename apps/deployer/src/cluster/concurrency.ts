/** Requests about single objects that one request to this service has under way at a time. */
export const requestsAtOnce = 16;
