// The page's own endpoints.

async function call(path, options) {
  const answer = await fetch(`/sandbox/${path}`, { cache: "no-store", ...options });
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) {
    const error = new Error(body.error || `服务返回 ${answer.status}`);
    error.isRefusal = [400, 409].includes(answer.status);
    throw error;
  }
  return body;
}

export const get = (path) => call(path);

export const post = (path, body) =>
  call(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
