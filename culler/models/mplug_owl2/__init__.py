"""mPLUG-Owl2 (arXiv 2311.04257), the network of Q-Align, OneAlign, DeQA-Score and Co-Instruct.

Networks only: tensors in, tensors out. Written from the checkpoints' layout and the papers.
"""
