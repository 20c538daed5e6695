-- wrk's part of the `forward` table: the request, and its findings as one line of JSON.
wrk.method = "POST"
wrk.body = os.getenv("WEIR_BENCHMARK_BODY")
wrk.headers["Content-Type"] = "application/json"
for name, value in os.getenv("WEIR_BENCHMARK_FIELDS"):gmatch("([^:\n]+): ([^\n]*)") do
    wrk.headers[name] = value
end

function done(summary, latency, requests)
    local errors = summary.errors
    io.write(string.format(
        '{"requests":%d,"bytes":%d,"duration_us":%d,"p50_us":%d,"p99_us":%d,' ..
        '"connect":%d,"read":%d,"write":%d,"status":%d,"timeout":%d}\n',
        summary.requests, summary.bytes, summary.duration, latency:percentile(50), latency:percentile(99),
        errors.connect, errors.read, errors.write, errors.status, errors.timeout))
end
