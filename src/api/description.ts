/** What stands before all paths of the API. */
export const API_PREFIX = '/v1'
