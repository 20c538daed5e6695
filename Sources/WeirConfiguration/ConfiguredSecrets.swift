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
    /// The credentials in its value, where its name or a scheme in it says that it holds some: what stands behind the
    /// scheme, such as `Bearer`, else the whole of it.
    fileprivate var credentials: [String] {
        let words = ["auth", "key", "token", "secret", "cookie", "passw", "credential", "session", "signature", "jwt"]
        let schemes = ["bearer", "basic", "token", "digest", "apikey", "api-key", "key", "negotiate"]
        let name = name.lowercased()
        let parts = value.text.split(separator: " ", maxSplits: 1).map(String.init)
        if parts.count == 2, schemes.contains(parts[0].lowercased()) { return [parts[1]] }
        return words.contains { name.contains($0) } ? [value.text] : []
    }
}
