"""What is heard in a recording: windows of its samples in, labels with scores out. numpy and onnxruntime, no cloud.

    vocabulary       the tasks and the labels of each
    model_manifest   `model.json`, which describes an ONNX model to whoever runs it

Importing this package imports neither.
"""
