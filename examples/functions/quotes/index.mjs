// Takes a quote. A real one publishes it to the topic of TOPIC_ARN, which its role allows.
export const handler = async (event) => {
  const quote = JSON.parse(event.body ?? "{}");
  return {
    statusCode: 202,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ topic: process.env.TOPIC_ARN, quote }),
  };
};
