export const benchPipeline = () => Promise.resolve({ facts: {}, measures: [] });
