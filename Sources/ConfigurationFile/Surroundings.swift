import Foundation

/// What a configuration may ask of the world around it.
struct Surroundings {
    /// Why a file cannot be read.
    struct FileFault: Error {
        let message: String
    }

    /// The environment's variables.
    let environment: (String) -> String?
    /// The user's home, or the working directory where there is none.
    let home: String

    init(environment: @escaping (String) -> String?) {
        self.environment = environment
        home = environment("HOME").flatMap { $0.isEmpty ? nil : $0 } ?? "."
    }

    /// What is in a file of at most 4 MiB.
    func contents(_ path: String) -> Result<String, FileFault> {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            return .failure(FileFault(message: "There is no such file."))
        }
        guard !isDirectory.boolValue else { return .failure(FileFault(message: "This is a directory, not a file.")) }
        guard let handle = FileHandle(forReadingAtPath: path),
            let data = try? handle.read(upToCount: Self.largest + 1) ?? Data()
        else { return .failure(FileFault(message: "The file cannot be read; look at its permissions.")) }
        guard data.count <= Self.largest else { return .failure(FileFault(message: "The file is larger than 4 MiB.")) }
        guard let text = String(validating: data, as: UTF8.self) else {
            return .failure(FileFault(message: "The file is not UTF-8."))
        }
        return .success(text)
    }

    private static let largest = 4 << 20
}
