extension Configuration {
    /// Every secret in it, for masks: keys of clients and upstreams, default keys, passwords of proxies, credentials
    /// among the custom header fields.
    package var secrets: [String] {
        var found: [String] = []
        for key in keys { found += [key.key.text, key.upstreamKey?.text ?? ""] }
        found.append(defaultKey?.text ?? "")
        found += console.adminKeys.map(\.text)
        found.append(globalProxy?.password?.text ?? "")
        for route in routes {
            found.append(route.defaultKey?.text ?? "")
            if case .proxy(let proxy) = route.proxy { found.append(proxy.password?.text ?? "") }
            found += route.customHeaders.flatMap { $0.credentials }
        }
        return found.filter { !$0.isEmpty }
    }
}

extension CustomHeader {
    /// The credentials in its value, where its name says that it holds some: the whole of it, and what stands behind a
    /// scheme such as `Bearer`.
    fileprivate var credentials: [String] {
        let words = ["auth", "key", "token", "secret", "cookie", "password"]
        let name = name.lowercased()
        guard words.contains(where: { name.contains($0) }) else { return [] }
        let parts = value.text.split(separator: " ", maxSplits: 1)
        return parts.count == 2 ? [String(parts[1])] : [value.text]
    }
}
