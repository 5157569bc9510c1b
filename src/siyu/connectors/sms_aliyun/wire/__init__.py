"""Our words ↔ Aliyun's: signature, texts, answers, reports. Pure."""
